/**
 * The report: one self-contained page that says what a job did.
 *
 * <p>In two layers. The mechanism — {@link io.github.sparkbilevel.job.report.Markup}, {@link
 * io.github.sparkbilevel.job.report.Page}, {@link io.github.sparkbilevel.job.report.Table}, {@link
 * io.github.sparkbilevel.job.report.LinePlot}, {@link io.github.sparkbilevel.job.report.BarPlot} —
 * knows nothing of any job. The content — a record of values and a page of words for each job,
 * {@link io.github.sparkbilevel.job.report.CleaningReport} and {@link
 * io.github.sparkbilevel.job.report.CleaningPage}, {@link
 * io.github.sparkbilevel.job.report.TuningReport} and {@link
 * io.github.sparkbilevel.job.report.TuningPage} — knows that job; what they share is {@link
 * io.github.sparkbilevel.job.report.RunReport}.
 *
 * <p>It does not compute, read data or write files, and imports neither Spark nor AWT.
 */
package io.github.sparkbilevel.job.report;
