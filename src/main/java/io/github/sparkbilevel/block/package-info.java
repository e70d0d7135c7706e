/**
 * Rows as blocks of features, labels and weights, dense or sparse.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.block;

import org.apiguardian.api.API;
