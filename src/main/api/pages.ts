import { readFile, realpath } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { fileResponse, textResponse } from './respond.ts'

const TYPES: Record<string, string> = {
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript; charset=utf-8',
	'.mjs': 'text/javascript; charset=utf-8',
	'.css': 'text/css; charset=utf-8',
	'.wasm': 'application/wasm',
	'.woff2': 'font/woff2',
	'.svg': 'image/svg+xml',
	'.png': 'image/png',
	'.json': 'application/json',
}

/** The built page and its parts, from one folder and nowhere else. */
export async function pageResponse(root: string, pathname: string): Promise<Response> {
	const wanted = pathname === '/' ? 'index.html' : decodeURIComponent(pathname).slice(1)
	const type = TYPES[extname(wanted)]
	if (!type) return textResponse(404, 'There is nothing at this address.')
	try {
		const folder = await realpath(root)
		const file = await realpath(join(folder, wanted))
		if (!file.startsWith(folder + sep)) return textResponse(404, 'There is nothing at this address.')
		return await fileResponse(file, type, wanted === 'index.html' ? {} : { 'cache-control': 'private, max-age=3600' })
	} catch {
		if (wanted === 'index.html') await readFile(join(root, 'index.html')).catch(() => {
			throw new Error('The page has not been built. Run npm start, which builds it.')
		})
		return textResponse(404, 'There is nothing at this address.')
	}
}
