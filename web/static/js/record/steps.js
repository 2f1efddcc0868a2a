// The order of the questions, and moments as people read them.

import { digits } from "../site/digits.js";

/** What comes after a question: the next one, or null where she begins to tell; undefined for what is no question.
 * @param {string} question @param {string} [answer] @returns {string | null | undefined} */
export function nextAfter(question, answer = "everyone") {
  if (question === "hear") return answer === "songs" || answer === "everyone" ? "radio" : "name";
  if (question === "radio") return "name";
  return question === "name" ? null : undefined;
}

/** Where a recording that was broken off goes on: at the question that was open, or where she tells. @param {string} step */
export const goesOnAt = (step) => (nextAfter(step) === undefined ? "telling" : step);

/** A length as a clock: 1:02:03. @param {number} ms */
export function lasting(ms) {
  const seconds = Math.floor(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const tail = String(seconds % 60).padStart(2, "0");
  return digits(hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`);
}

/** A size in megabytes. @param {number} bytes */
export const megabytes = (bytes) => digits(`${(bytes / 2 ** 20).toFixed(1)} MB`);

/** A day as the archive writes it. @param {number} at */
export function dayOf(at) {
  const day = new Date(at);
  return [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

/** When it was begun, on this device's clock. @param {number} at */
export function moment(at) {
  const day = new Date(at);
  const clock = `${day.getHours()}:${String(day.getMinutes()).padStart(2, "0")}`;
  return digits(`${day.getDate()}/${day.getMonth() + 1}/${day.getFullYear()} ${clock}`);
}
