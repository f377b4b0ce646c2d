import type { IncomingMessage } from "node:http";
export const kPolicy: string;
export interface Given { status?: number; type?: string; body?: string | Buffer; headers?: Record<string, string> }
export function serve(folder: string, answer?: (request: IncomingMessage, body: Buffer) => Given | undefined): Promise<{ url: string; close: () => Promise<void> }>;
