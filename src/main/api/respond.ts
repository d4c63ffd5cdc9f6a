import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'

/**
 * The policy that both shells put on every answer. wasm-unsafe-eval and blob: workers are Cornerstone3D's need; style
 * attributes are set by its tools.
 */
export const CONTENT_SECURITY_POLICY = [
	"default-src 'self'",
	"script-src 'self' 'wasm-unsafe-eval'",
	"style-src 'self' 'unsafe-inline'",
	"worker-src 'self' blob:",
	"img-src 'self' data: blob:",
	"object-src 'none'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'self'",
].join('; ')

const COMMON_HEADERS = {
	'content-security-policy': CONTENT_SECURITY_POLICY,
	'x-content-type-options': 'nosniff',
	'referrer-policy': 'no-referrer',
	'cross-origin-opener-policy': 'same-origin',
	'cross-origin-resource-policy': 'same-origin',
}

export function textResponse(status: number, text: string): Response {
	return new Response(`${text}\n`, { status, headers: { ...COMMON_HEADERS, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' } })
}

export function bytesResponse(bytes: Uint8Array<ArrayBuffer>, type: string, headers: Record<string, string> = {}): Response {
	return new Response(bytes, { headers: { ...COMMON_HEADERS, 'content-type': type, 'content-length': String(bytes.length), 'cache-control': 'no-store', ...headers } })
}

/** A file as a stream, so that a film never stands whole in the main process. */
export async function fileResponse(path: string, type: string, headers: Record<string, string> = {}): Promise<Response> {
	const { size } = await stat(path)
	return new Response(Readable.toWeb(createReadStream(path)) as unknown as NonNullable<RequestInit['body']>, {
		headers: { ...COMMON_HEADERS, 'content-type': type, 'content-length': String(size), 'cache-control': 'no-store', ...headers },
	})
}

/** Bytes as they are made, of a length that is known before. */
export function streamResponse(chunks: AsyncIterable<Uint8Array>, length: number, type: string, headers: Record<string, string> = {}): Response {
	return new Response(Readable.toWeb(Readable.from(chunks)) as unknown as NonNullable<RequestInit['body']>, {
		headers: { ...COMMON_HEADERS, 'content-type': type, 'content-length': String(length), 'cache-control': 'no-store', ...headers },
	})
}
