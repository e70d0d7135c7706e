package io.github.sparkbilevel.model;

/** A model under another loss. */
record Relossed(Model of, Loss loss) implements Model {

  @Override
  public Layer layer() {
    return of.layer();
  }

  @Override
  public Model with(Loss other) {
    return of.with(other);
  }

  @Override
  public Sharing sharing() {
    return of.sharing();
  }

  @Override
  public Fisher fisher() {
    return of.fisher();
  }

  @Override
  public boolean exactHessian() {
    return of.exactHessian();
  }

  @Override
  public Model withHessian() {
    return new Relossed(of.withHessian(), loss);
  }

  @Override
  public boolean isLinear() {
    return of.isLinear();
  }

  @Override
  public double[] initial(long seed) {
    return of.initial(seed);
  }
}
