/**
 * Dense products by ND4J, in memory outside the heap.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.backend.nd4j;

import org.apiguardian.api.API;
