package io.github.sparkbilevel.data;

/** Why a record of a text file cannot be read. */
enum TextFault {
  /** Bytes that are no text in the file's encoding. */
  ENCODING("set %sencoding to the encoding of the file, for example windows-1252"),
  /** A quoted cell of more lines than is believable. */
  TOO_LONG("correct the quote, or raise %smaxLines"),
  /** A quote that is never closed. */
  OPEN("correct it, or set %squote to a character that the file does not have"),
  /** Text behind a closing quote. */
  BEHIND_QUOTE("correct it, or set %squote and escape to what the file has"),
  /** A quoted cell that holds whole rows. */
  SWALLOWS_ROWS("correct the quote");

  private final String advice;

  TextFault(String advice) {
    this.advice = advice;
  }

  /**
   * What to try.
   *
   * @param options the job-file key of the table's options
   */
  String advice(String options) {
    return advice.formatted(options + ".");
  }
}
