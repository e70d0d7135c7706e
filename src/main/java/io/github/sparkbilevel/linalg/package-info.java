/**
 * Vectors, operators, preconditioners and decompositions in the memory of the driver.
 *
 * <p>Public, for programs and extensions; a minor version may change it, and the changelog says
 * how.
 */
@API(status = API.Status.EXPERIMENTAL)
package io.github.sparkbilevel.linalg;

import org.apiguardian.api.API;
