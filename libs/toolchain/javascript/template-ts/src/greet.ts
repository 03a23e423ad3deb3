/**
 * Greets.
 * @param name who is greeted
 * @param times how often; once if it is left out
 */
export function greet(name: string, times = 1): string {
  const greeting = Array.from({ length: times }, () => `Hello, ${name}!`).join(" ");
  console.log(greeting);
  return greeting;
}
