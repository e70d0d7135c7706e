/**
 * Products with the features of a block, by several libraries; a jar may add a {@link
 * io.github.sparkbilevel.backend.DenseBackend}.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.backend;

import org.apiguardian.api.API;
