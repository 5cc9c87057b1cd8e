// The desk's words, by the language of the moment.
import en from "../../locales/en.json";
import zh from "../../locales/zh.json";

export type Key = keyof typeof zh.desk;
const languages = { zh, en };
let language: keyof typeof languages = "zh";

export function toggleLanguage(): void {
  language = language === "zh" ? "en" : "zh";
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
}

export function say(key: Key, values: Record<string, string | number> = {}): string {
  const said = languages[language].desk[key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
  return said.replace(/\b1 days\b/, "1 day"); // Only English has a plural.
}

/** Days that are left or over. */
export const amount = (days: number): string =>
  days < 0 ? say("late", { n: -days }) : days === 0 ? say("today") : say("days", { n: days });

/** A word that is also the visitor's: answers, questions, roles. */
export function visitor(key: string): string {
  const words: Record<string, string> = languages[language].visit;
  return words[key] ?? "";
}

export function date(day: number): string {
  const at = new Date(day * 86_400_000);
  return say("date", { m: at.getUTCMonth() + 1, d: at.getUTCDate() });
}
