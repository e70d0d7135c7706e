/**
 * The report: one self-contained page that says what a job did.
 *
 * <p>In two layers. The mechanism — {@link io.github.sparkbilevel.job.report.Markup}, {@link
 * io.github.sparkbilevel.job.report.Page}, {@link io.github.sparkbilevel.job.report.Table}, {@link
 * io.github.sparkbilevel.job.report.LinePlot}, {@link io.github.sparkbilevel.job.report.BarPlot} —
 * knows nothing of any job. The content — {@link io.github.sparkbilevel.job.report.CleaningReport}
 * (values) and {@link io.github.sparkbilevel.job.report.CleaningPage} (words) — knows one job, and
 * the next job's page stands beside it.
 *
 * <p>It does not compute, read data or write files, and imports neither Spark nor AWT.
 */
package io.github.sparkbilevel.job.report;
