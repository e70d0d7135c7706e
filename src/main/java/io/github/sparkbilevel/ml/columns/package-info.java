/** What the columns of a table of any types become, by Spark ML's own transformers. */
@API(status = API.Status.EXPERIMENTAL)
package io.github.sparkbilevel.ml.columns;

import org.apiguardian.api.API;
