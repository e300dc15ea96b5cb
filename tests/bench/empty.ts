/** The program that does nothing: what it costs, Deno costs. */
export {};
