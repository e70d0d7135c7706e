package io.github.sparkbilevel.spark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The claim of a run to a folder of checkpoints: a file {@code in-use-00000001} in it, which says
 * whose it is, and which its run writes anew every few seconds.
 *
 * <p>A claim outlives a run that was killed. On the machine that it names, the process that it
 * names tells whether its run lives. From elsewhere only time does: a claim that has not been
 * written for {@link Rhythm#stale} is void. Times are those of the file system, so that clocks need
 * not agree.
 *
 * <p>Nobody writes over a void claim, or deletes it, before having one of the next number, which
 * exactly one run can make: two runs that find the same void claim do not both get the folder. A
 * run that then finds a claim that it had not seen to be void takes its own back and begins again.
 */
final class CheckpointOwner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointOwner.class);
  private static final int ATTEMPTS = 50;

  /** The claims of this process. */
  private static final Set<String> HELD = ConcurrentHashMap.newKeySet();

  /**
   * How often a claim is renewed, and after how long without it is void, in milliseconds.
   *
   * @param look how often the claim of another machine is looked at
   */
  record Rhythm(long beat, long stale, long look) {
    static final Rhythm USUAL = new Rhythm(15_000, 60_000, 1_000);
  }

  /** Raised when the folder belongs to a run that lives. */
  static final class InUseException extends Exception {
    private static final long serialVersionUID = 1L;

    InUseException(String whose) {
      super(whose);
    }
  }

  private final ClaimFiles files;
  private final int number;
  private final Claim claim;
  private final ScheduledExecutorService renewal;
  private long renewed;
  private boolean released;

  private CheckpointOwner(ClaimFiles files, int number, Claim claim, Rhythm rhythm) {
    this.files = files;
    this.number = number;
    this.claim = claim;
    this.renewal =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "spark-bilevel claim to checkpoints");
              thread.setDaemon(true);
              return thread;
            });
    var unused =
        renewal.scheduleWithFixedDelay(
            this::renew, rhythm.beat(), rhythm.beat(), TimeUnit.MILLISECONDS);
  }

  /**
   * Claims a folder that is there.
   *
   * @param tell told when there is something to wait for
   * @throws InUseException when another run has it
   */
  static CheckpointOwner claim(FileSystem fs, Path root, Rhythm rhythm, Consumer<String> tell)
      throws IOException, InUseException {
    ClaimFiles files = new ClaimFiles(fs, root);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      List<ClaimFiles.Found> dead = files.all();
      int number = 1;
      for (ClaimFiles.Found found : dead) {
        requireVoid(files, found, rhythm, tell);
        number = Math.max(number, found.number() + 1);
      }
      Optional<CheckpointOwner> made = make(files, number, dead, rhythm);
      if (made.isPresent()) {
        return made.get();
      }
      pause(ThreadLocalRandom.current().nextLong(50));
    }
    throw new IOException("other runs claim it again and again");
  }

  private static Optional<CheckpointOwner> make(
      ClaimFiles files, int number, List<ClaimFiles.Found> dead, Rhythm rhythm) throws IOException {
    Claim own = Claim.ofThisProcess();
    HELD.add(own.id());
    boolean alone = false;
    try {
      if (files.make(number, own.text(0))) {
        Set<String> known = new HashSet<>(Set.of(own.text(0)));
        dead.forEach(found -> known.add(found.text()));
        List<ClaimFiles.Found> there = files.all();
        alone =
            there.stream().allMatch(found -> known.contains(found.text()))
                && there.stream().anyMatch(found -> found.text().equals(own.text(0)));
        if (!alone) {
          files.delete(number);
        }
      }
    } finally {
      if (!alone) {
        HELD.remove(own.id());
      }
    }
    if (!alone) {
      return Optional.empty();
    }
    for (ClaimFiles.Found found : dead) {
      files.delete(found.number());
    }
    return Optional.of(new CheckpointOwner(files, number, own, rhythm));
  }

  /**
   * Refuses a folder whose run lives for certain; what is in doubt is left to {@link #claim}.
   *
   * @throws InUseException when another run has it
   */
  static void requireFree(FileSystem fs, Path root) throws IOException, InUseException {
    for (ClaimFiles.Found found : new ClaimFiles(fs, root).all()) {
      Optional<Claim> claim = Claim.of(found.text());
      if (claim.isPresent() && lives(claim.get()).orElse(false)) {
        throw new InUseException(claim.get().whose());
      }
    }
  }

  /** Whether the run of a claim lives; empty when this machine cannot tell. */
  private static Optional<Boolean> lives(Claim claim) {
    if (!claim.isOfThisMachine()) {
      return Optional.empty();
    }
    return Optional.of(claim.isOfThisProcess() ? HELD.contains(claim.id()) : claim.processLives());
  }

  private static void requireVoid(
      ClaimFiles files, ClaimFiles.Found found, Rhythm rhythm, Consumer<String> tell)
      throws IOException, InUseException {
    Optional<Claim> claim = Claim.of(found.text());
    if (claim.isEmpty() && !Claim.isCutShort(found.text())) {
      throw new IOException(
          "it holds a file %s that no run wrote".formatted(ClaimFiles.name(found.number())));
    }
    String whose = claim.map(Claim::whose).orElse("a run that did not say which");
    Optional<Boolean> lives = claim.isEmpty() ? Optional.empty() : lives(claim.get());
    if (lives.isPresent() ? lives.get() : isRenewed(files, found, rhythm, whose, tell)) {
      throw new InUseException(whose);
    }
  }

  /** Waits until a claim is renewed, or void. */
  private static boolean isRenewed(
      ClaimFiles files, ClaimFiles.Found found, Rhythm rhythm, String whose, Consumer<String> tell)
      throws IOException {
    long left = rhythm.stale() - (files.now() - found.time());
    if (left <= 0) {
      return false;
    }
    tell.accept(
        "was left by %s, which may still run: waits for up to %d s to see whether it does"
            .formatted(whose, (left + 999) / 1000));
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(left);
    while (System.nanoTime() < deadline) {
      pause(rhythm.look());
      Optional<ClaimFiles.Found> again = files.find(found.number());
      if (again.isEmpty()) {
        return false;
      }
      if (!again.get().equals(found)) {
        return true;
      }
    }
    return false;
  }

  private static void pause(long millis) throws IOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while it was claimed", e);
    }
  }

  /** Whether another run has claimed the folder since. */
  synchronized boolean isTaken() {
    try {
      List<Claim> there = new ArrayList<>();
      files.all().forEach(found -> Claim.of(found.text()).ifPresent(there::add));
      if (there.isEmpty() && !released) {
        files.make(number, claim.text(++renewed)); // Somebody deleted it.
      }
      return !there.isEmpty() && there.stream().noneMatch(each -> each.id().equals(claim.id()));
    } catch (IOException e) {
      LOG.debug("claims to {} cannot be read", files, e);
      return false;
    }
  }

  /** Whether the folder was given up. */
  synchronized boolean isReleased() {
    return released;
  }

  private boolean isThere() throws IOException {
    return files
        .find(number)
        .flatMap(found -> Claim.of(found.text()))
        .filter(there -> there.id().equals(claim.id()))
        .isPresent();
  }

  private synchronized void renew() {
    try {
      if (!released && isThere()) {
        files.replace(number, claim.text(++renewed));
      }
    } catch (IOException | RuntimeException e) {
      // A later one may work; after some time without, the folder may be claimed by another run.
      LOG.debug("the claim to {} could not be renewed", files, e);
    }
  }

  /** Gives the folder up. May be called again. */
  @Override
  public synchronized void close() {
    if (released) {
      return;
    }
    released = true;
    renewal.shutdown();
    try {
      if (isThere()) {
        files.delete(number);
      }
    } catch (IOException e) {
      // The next run finds it void.
      LOG.debug("the claim to {} could not be deleted", files, e);
    }
    HELD.remove(claim.id());
  }
}
