/**
 * The report: one self-contained page that says what a job did.
 *
 * <p>In two layers. The mechanism — {@link io.github.sparkbilevel.job.report.Markup}, {@link
 * io.github.sparkbilevel.job.report.Page}, {@code Table} with its {@code Column}s, {@link
 * io.github.sparkbilevel.job.report.LinePlot}, {@link io.github.sparkbilevel.job.report.BarPlot} —
 * knows nothing of any job. The content is a class for each job, such as {@link
 * io.github.sparkbilevel.job.report.CleaningPage}, and {@code RunPage} for what they share.
 *
 * <p>Pages read the same trees of figures that {@code summary.json}, {@code history.jsonl} and the
 * CSV files are written from, by the same names. One rule for what a run does not have, everywhere:
 * its figure is missing or not a number, and the page leaves the part out, or shows an en dash
 * where others of the same column have one.
 *
 * <p>It does not compute, read data or write files, and imports neither Spark nor AWT.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.job.report;

import org.apiguardian.api.API;
