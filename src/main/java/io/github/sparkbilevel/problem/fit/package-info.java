/**
 * Plain models beside the bilevel one, several in each pass, and what judges them.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.problem.fit;

import org.apiguardian.api.API;
