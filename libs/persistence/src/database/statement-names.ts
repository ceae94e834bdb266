/**
 * Names for statements, so that PostgreSQL plans each once a session and not at every call: for the statements that a run takes from
 * admission to end, planning was a third of the time. A plan is made anew when the statistics of its tables are (see `refreshStatistics`).
 */
const MOST_STATEMENTS = 200;

/** Names statements by their text, as many as there are in this program; what is over stays unnamed, and is planned at every call. */
export function statementNames(): (query: { readonly sql: string }) => string {
  const names = new Map<string, string>();
  return ({ sql }) => {
    const known = names.get(sql);
    if (known !== undefined) return known;
    if (names.size >= MOST_STATEMENTS) return '';
    const name = `airmeta_${names.size}`;
    names.set(sql, name);
    return name;
  };
}
