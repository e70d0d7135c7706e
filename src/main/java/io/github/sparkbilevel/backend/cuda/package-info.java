/**
 * Dense products on NVIDIA's GPUs, by kernels of our own through the driver API: an executor needs
 * a driver and no toolkit.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.backend.cuda;

import org.apiguardian.api.API;
