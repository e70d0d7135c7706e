package io.github.sparkbilevel.job.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Bytes that Jazzer makes up, as a job file: a job, or a refusal in one sentence. */
public final class JobFileFuzz {
  private static final Folders FOLDERS = new Folders(Path.of("/nowhere"), null);

  private JobFileFuzz() {}

  /** Jazzer calls it. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (text.contains("include")) {
      return; // It would read other files.
    }
    try {
      JobFile.parse(text, List.of(), FOLDERS);
    } catch (ConfigException refused) {
      String sentence = refused.getMessage();
      if (sentence.isBlank() || sentence.contains("\n")) {
        throw new IllegalStateException("no sentence: " + sentence, refused);
      }
    }
  }
}
