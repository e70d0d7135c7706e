package io.github.sparkbilevel.model;

/**
 * Makes the layers of one kind, which job files, estimators and saved models choose by its name.
 *
 * <p>A jar adds one by naming a class with a public constructor without arguments in {@code
 * META-INF/services/io.github.sparkbilevel.model.LayerProvider}; {@link Layers} finds it.
 */
public interface LayerProvider {

  /** The name, in lower case with hyphens. */
  String label();

  /**
   * Makes a layer.
   *
   * @param in the shape of the rows that it takes in
   * @param value what stands behind the name
   * @throws IllegalArgumentException for a value or a shape that does not fit, in one sentence that
   *     says what was found and what was expected
   */
  Layer create(RowShape in, LayerValue value);
}
