import "vitest";

declare module "vitest" {
  interface ProvidedContext {
    upstash: { readonly url: string; readonly token: string };
  }
}
