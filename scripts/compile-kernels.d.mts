/** @returns the binary */
export function compile(
  source: string,
  options: {
    readonly features: readonly string[];
    readonly optimizeLevel?: number;
    readonly edit?: (path: string, text: string) => string;
  },
): Promise<Uint8Array>;
