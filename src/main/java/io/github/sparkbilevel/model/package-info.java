/**
 * Losses, layers, and the models that they make; every sum over the rows of a block.
 *
 * <p>Public, for programs and extensions; a minor version may change it, and the changelog says
 * how.
 */
@API(status = API.Status.EXPERIMENTAL)
package io.github.sparkbilevel.model;

import org.apiguardian.api.API;
