const LIST = String.raw`[A-Z]\d+(?:, [A-Z]\d+)*`;
const AT_FRONT = new RegExp(`(?:^|: )(${LIST}):(?: |$)`);
const AT_END = new RegExp(String.raw`\((${LIST})\)$`);

/** The codes in the title of a test, a suite or a law: `C1: …`, `C1, C2: …`, `subject: C1: …` or `… (C1)`. */
export function codesIn(title: string): string[] {
  const found = AT_FRONT.exec(title) ?? AT_END.exec(title);
  return found === null ? [] : found[1]!.split(', ');
}
