/**
 * Rows before they are blocks: readers, checks, splits, classes and standardisation.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.data;

import org.apiguardian.api.API;
