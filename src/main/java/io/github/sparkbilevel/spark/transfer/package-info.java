/**
 * What goes over the wire and to disk: values, sums in order, checked files.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.spark.transfer;

import org.apiguardian.api.API;
