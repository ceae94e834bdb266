/** What every session of the lab sets for itself, whatever its user, its database or the server is set to. */
import pg from 'pg';

/**
 * Texts of values are read by drivers that know one form of each. adapter-pg drops the offset of a timestamptz and takes what is left for
 * UTC; a number with fewer digits is another number; a script means its backslashes as they stand.
 */
const VALUE_TEXT = `SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET extra_float_digits = 3;
  SET bytea_output = 'hex'; SET standard_conforming_strings = on; SET default_transaction_isolation = 'read committed'`;

/** The statements, with the schema whose tables are meant by their names alone. */
export function sessionSettings(schema: string): string {
  return `${VALUE_TEXT}; SET search_path = ${pg.escapeIdentifier(schema)}`;
}
