/**
 * Greets.
 * @param {string} name who is greeted
 * @param {number} times how often; once if it is left out
 * @returns {string}
 */
export function greet(name, times = 1) {
  const greeting = Array.from({ length: times }, () => `Hello, ${name}!`).join(" ");
  console.log(greeting);
  return greeting;
}
