/**
 * The two objectives: a model, and the upper variables that weigh rows or penalise it.
 *
 * <p>Public, for programs and extensions; a minor version may change it, and the changelog says
 * how.
 */
@API(status = API.Status.EXPERIMENTAL)
package io.github.sparkbilevel.problem;

import org.apiguardian.api.API;
