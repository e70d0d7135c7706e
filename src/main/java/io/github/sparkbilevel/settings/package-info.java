/**
 * The registry of settings: keys of job files, params, types, defaults and rules.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.settings;

import org.apiguardian.api.API;
