package io.github.sparkbilevel.model;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What jars of users offer by {@link ServiceLoader}.
 *
 * <p>Looked up by the class loader of the calling thread, which is where spark-submit puts the jars
 * of {@code --jars}. A provider that does not load is logged and passed over.
 */
public final class Services {
  private static final Logger LOG = LoggerFactory.getLogger(Services.class);

  private Services() {}

  /** All providers of a service, in the order of the class path. */
  public static <T> List<T> all(Class<T> service) {
    ClassLoader ofThread = Thread.currentThread().getContextClassLoader();
    ClassLoader loader = ofThread == null ? service.getClassLoader() : ofThread;
    Iterator<T> found = ServiceLoader.load(service, loader).iterator();
    List<T> all = new ArrayList<>();
    boolean more = true;
    while (more) {
      try {
        more = found.hasNext();
        if (more) {
          all.add(found.next());
        }
      } catch (ServiceConfigurationError | LinkageError e) {
        // The iterator has stepped past the broken provider; the others may be whole.
        LOG.warn("A {} of a jar does not load: {}", service.getSimpleName(), e.toString());
      }
    }
    return all;
  }

  /** The first provider of a name, or of a class of that name. */
  public static <T> Optional<T> named(String name, List<T> providers, Function<T, String> label) {
    return providers.stream()
        .filter(one -> label.apply(one).equals(name) || one.getClass().getName().equals(name))
        .findFirst();
  }
}
