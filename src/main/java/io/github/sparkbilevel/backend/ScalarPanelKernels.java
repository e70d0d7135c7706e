package io.github.sparkbilevel.backend;

import java.util.Arrays;

/** Loops for virtual machines without vectors. */
final class ScalarPanelKernels implements PanelKernels {

  @Override
  public void multiply(float[] a, int at, int stride, Operand v, float[] z) {
    int k = v.k();
    float[] sums = new float[stride];
    for (int c = 0; c < k; c++) {
      int to = c * stride;
      for (int first = 0; first < v.p(); first += TERMS) {
        Arrays.fill(sums, 0f);
        for (int j = first; j < Math.min(v.p(), first + TERMS); j++) {
          int column = at + j * stride;
          float factor = v.values()[j * k + c];
          for (int i = 0; i < stride; i++) {
            sums[i] = Math.fma(a[column + i], factor, sums[i]);
          }
        }
        for (int i = 0; i < stride; i++) {
          z[to + i] = first == 0 ? sums[i] : sums[i] + z[to + i];
        }
      }
    }
  }

  @Override
  public void addTransposed(float[] a, int at, int stride, float[] z, Operand s) {
    int k = s.k();
    float[] parts = new float[PARTS];
    for (int j = 0; j < s.p(); j++) {
      int column = at + j * stride;
      for (int c = 0; c < k; c++) {
        Arrays.fill(parts, 0f);
        int other = c * stride;
        for (int i = 0; i < stride; i += PARTS) {
          for (int part = 0; part < PARTS; part++) {
            parts[part] = Math.fma(a[column + i + part], z[other + i + part], parts[part]);
          }
        }
        int to = (j * k + c) * PARTS;
        for (int part = 0; part < PARTS; part++) {
          s.values()[to + part] += parts[part];
        }
      }
    }
  }
}
