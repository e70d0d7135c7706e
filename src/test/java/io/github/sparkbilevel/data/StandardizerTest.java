package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class StandardizerTest {
  private static final SparkSession SPARK = LocalSpark.session();

  /** Columns: normal far from 0, mostly zero, constant 3, constant 0, 0 or 1e-9. */
  private static List<Vector> vectors(int n) {
    Random random = new Random(11);
    List<Vector> out = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      double rare = i % 7 == 0 ? random.nextGaussian() : 0;
      out.add(Vectors.dense(1e6 + random.nextGaussian(), rare, 3, 0, i % 2 * 1e-9));
    }
    return out;
  }

  private static Table table(List<Vector> vectors, int partitions, boolean sparse) {
    List<Example> examples = new ArrayList<>();
    for (Vector v : vectors) {
      ParsedRow row = ParsedRow.good(0, examples.size(), "0", sparse ? v.toSparse() : v);
      RowChunk chunk = RowChunk.pack(List.of(row).iterator()).next();
      examples.add(new Example(examples.size(), null, chunk, 0, v.size()));
    }
    JavaRDD<Example> rows =
        JavaSparkContext.fromSparkContext(SPARK.sparkContext()).parallelize(examples, partitions);
    int columns = vectors.get(0).size();
    return new Table(
        SPARK,
        rows,
        rows,
        Names.numbered(columns),
        List.of(),
        columns,
        true,
        sparse,
        Table.Ids.NUMBERED,
        TableStats.of(rows, true),
        "rows",
        List.of(),
        null,
        List.of());
  }

  @Test
  void bucketsOfHashedWordsAreKnownByTheirNames() {
    assertTrue(Names.isBucket("comment #17"));
    assertTrue(Names.isBucket("a # b #0"));
    assertFalse(Names.isBucket("comment #"));
    assertFalse(Names.isBucket("comment 17"));
    assertFalse(Names.isBucket("town = #17 or so"));
  }

  @Test
  void meanAndDeviationAreThoseOfTheRows() {
    List<Vector> vectors = vectors(501);
    for (int partitions : new int[] {1, 2, 7}) {
      Standardizer s = Standardizer.fit(table(vectors, partitions, false), null);
      for (int j : new int[] {0, 1, 4}) {
        int column = j;
        double mean = vectors.stream().mapToDouble(v -> v.apply(column)).sum() / 501;
        double squares =
            vectors.stream().mapToDouble(v -> Math.pow(v.apply(column) - mean, 2)).sum();
        assertEquals(mean, s.mean()[j], 1e-14 * Math.abs(mean) + 1e-16);
        assertEquals(1, s.scale()[j] * Math.sqrt(squares / 501), 1e-11);
      }
      assertArrayEquals(new int[] {2, 3}, s.constants());
      assertEquals(2, s.notices(table(vectors, 1, false)).get(0).count());
      double[] row = s.dense(vectors.get(3));
      assertEquals(0, row[2]);
      assertEquals(0, row[3]);
      double sum = 0;
      double squares = 0;
      for (Vector v : vectors) {
        double x = s.dense(v)[0];
        sum += x;
        squares += x * x;
      }
      assertEquals(0, sum / 501, 1e-7);
      assertEquals(1, squares / 501, 1e-9);
    }
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(doubles = {5, 0.5})
  void sparseGivesTheBitsOfDense(Double clip) {
    List<Vector> vectors = vectors(200);
    Standardizer dense = Standardizer.fit(table(vectors, 3, false), clip);
    Standardizer sparse = Standardizer.fit(table(vectors, 3, true), clip);
    assertArrayEquals(dense.mean(), sparse.mean());
    assertArrayEquals(dense.scale(), sparse.scale());
    double[] shift = sparse.shift();
    for (Vector v : vectors) {
      double[] expected = dense.dense(v);
      assertArrayEquals(expected, sparse.dense(v.toSparse()));
      SparseVector scaled = sparse.sparse(v);
      for (int j = 0; j < 5; j++) {
        // What is left after the mean of 1e6 is taken away has ten digits.
        assertEquals(expected[j], scaled.apply(j) - shift[j], 1e-8);
      }
      assertTrue(scaled.numActives() <= v.numNonzeros());
    }
  }

  @Test
  void valuesWhoseSquaresOverflowAreNamedAndNotCalledConstant() {
    for (double huge : new double[] {1e200, Double.MAX_VALUE}) {
      List<Vector> vectors = new ArrayList<>(vectors(50));
      vectors.set(7, Vectors.dense(1e6, 0, 3, 0, huge));
      vectors.set(9, Vectors.dense(1e6, 0, 3, 0, -huge));
      for (boolean sparse : new boolean[] {false, true}) {
        NumericsException e =
            assertThrows(
                NumericsException.class, () -> Standardizer.fit(table(vectors, 2, sparse), 5.0));
        assertTrue(e.getMessage().contains("'f4'"), e.getMessage());
        assertTrue(e.getMessage().contains("" + huge), e.getMessage());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e3, 1e6, 1e9})
  void aShiftChangesNothing(double shift) {
    List<Vector> vectors = vectors(100);
    List<Vector> shifted = new ArrayList<>();
    for (Vector v : vectors) {
      double[] values = v.toArray();
      values[1] += shift;
      shifted.add(Vectors.dense(values));
    }
    Standardizer plain = Standardizer.fit(table(vectors, 2, false), 5.0);
    Standardizer other = Standardizer.fit(table(shifted, 2, false), 5.0);
    for (int i = 0; i < vectors.size(); i++) {
      double expected = plain.dense(vectors.get(i))[1];
      assertEquals(expected, other.dense(shifted.get(i))[1], 1e-15 * shift * plain.scale()[1]);
    }
  }

  @Test
  void valuesThatDifferByTheirRoundingErrorsAreNamed() {
    List<Vector> shifted = new ArrayList<>();
    for (Vector v : vectors(100)) {
      double[] values = v.toArray();
      values[1] += 1e12;
      shifted.add(Vectors.dense(values));
    }
    DataException e =
        assertThrows(DataException.class, () -> Standardizer.fit(table(shifted, 2, false), 5.0));
    assertTrue(e.getMessage().contains("'f1'"), e.getMessage());
  }

  @Test
  void rowsThatAreAllAlikeAreAnError() {
    List<Vector> vectors = Collections.nCopies(20, Vectors.dense(2, 0, -1));
    DataException e =
        assertThrows(DataException.class, () -> Standardizer.fit(table(vectors, 2, false), null));
    assertTrue(e.getMessage().contains("all 3 features are constant"), e.getMessage());
  }

  @Test
  void clipLimitsValues() {
    Standardizer s = Standardizer.fit(table(vectors(300), 2, false), 0.5);
    for (Vector v : vectors(300)) {
      for (double x : s.dense(v)) {
        assertTrue(Math.abs(x) <= 0.5);
      }
    }
  }

  @Test
  void identityLeavesEverything() {
    Standardizer s = Standardizer.of(table(vectors(5), 1, false), false, null);
    Vector v = vectors(5).get(3);
    assertArrayEquals(v.toArray(), s.dense(v));
    assertArrayEquals(v.toArray(), s.sparse(v).toArray());
    assertNull(s.shift());
    assertTrue(s.isIdentity());
    assertArrayEquals(new double[] {1, 1, 1, 1, 1}, s.scale());
  }

  @Test
  void wideRowsAreMergedOnTheExecutors() {
    int columns = 1_100_000;
    List<Vector> rows = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      rows.add(Vectors.sparse(columns, new int[] {i, columns - 1}, new double[] {1, i}));
    }
    Standardizer s = Standardizer.fit(table(rows, 4, true), null);
    assertEquals(3.5, s.mean()[columns - 1], 1e-15);
    assertEquals(1 / Math.sqrt(5.25), s.scale()[columns - 1], 1e-15);
    assertEquals(0.125, s.mean()[7], 1e-16);
    assertEquals(columns - 9, s.constants().length);
  }

  @Test
  void notFiniteIsAnError() {
    List<Vector> vectors = vectors(20);
    vectors.set(13, Vectors.dense(1, Double.NaN, 1, 1, 1));
    DataException e =
        assertThrows(DataException.class, () -> Standardizer.fit(table(vectors, 2, false), null));
    assertTrue(e.getMessage().contains("row 13") && e.getMessage().contains("'f1'"));
    assertFalse(e.getMessage().contains("\n"));
  }
}
