package io.github.sparkbilevel.model;

/**
 * A one-layer model: outputs z = Cᵀa + c, parameters θ of length d.
 *
 * <p>θ is column-major: output after output, each with its {@code features} coefficients and then,
 * where there is one, its intercept. The intercept acts as the coefficient of a feature that is
 * always 1.
 *
 * @param loss the loss of a row
 * @param features p, the number of features
 * @param intercept whether each output has an intercept
 */
public record LinearModel(Loss loss, int features, boolean intercept) implements Model {

  /** q, parameters of one output. */
  public int columnLength() {
    return features + (intercept ? 1 : 0);
  }

  @Override
  public int size() {
    return Math.multiplyExact(outputs(), columnLength());
  }

  /** Whether a parameter is an intercept. */
  public boolean isIntercept(int parameter) {
    return intercept && parameter % columnLength() == features;
  }

  @Override
  public Dense layer() {
    return new Dense(new ParameterBlock(0, features, intercept, outputs()));
  }

  @Override
  public LinearModel with(Loss other) {
    return new LinearModel(other, features, intercept);
  }

  @Override
  public BlockKernel kernel(String backend) {
    return new LinearKernel(this, backend);
  }

  @Override
  public boolean isLinear() {
    return true;
  }

  @Override
  public double[] initial(long seed) {
    double[] theta = new double[size()];
    for (int j = 0; j < theta.length; j++) {
      theta[j] = isIntercept(j) ? loss.start() : 0;
    }
    return theta;
  }
}
