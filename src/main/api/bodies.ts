import { UserError } from '../../common/contract/procedures.ts'
import type { FrameCache } from '../library/frameCache.ts'
import type { Library } from '../library/library.ts'
import { isOutOfSpace, OUT_OF_SPACE } from '../library/outOfSpace.ts'
import { getInstance } from '../library/studies.ts'
import type { PackFiles } from '../promotion/packFiles.ts'
import type { ReportWriter } from '../reports/writer.ts'
import { pageResponse } from './pages.ts'
import { bytesResponse, fileResponse, streamResponse, textResponse } from './respond.ts'
import type { RunPictures } from './runPictures.ts'
import type { SamplePictures } from './samplePictures.ts'
import type { Thumbnails } from './thumbnails.ts'
import { DiskFullError, type Uploads } from './uploads.ts'

export interface BodiesOptions {
	library: Library
	frames: FrameCache
	thumbnails: Thumbnails
	samplePictures: SamplePictures
	runPictures: RunPictures
	uploads: Uploads
	reports: ReportWriter
	packFiles: PackFiles
	/** Folder of the built page. */
	page: string
}

/** The one handler of binary bodies (routes in the contract) and of the page; Electron's protocol and the HTTP server mount it. */
export function createBodies(options: BodiesOptions): (request: Request) => Promise<Response> {
	return async (request) => {
		const url = new URL(request.url)
		const [room, first = '', second = ''] = url.pathname.slice(1).split('/')
		try {
			if (request.method === 'PUT' && room === 'uploads') {
				await options.uploads.receive(first, Number(second), url.searchParams.get('name') ?? '', request.body as Parameters<Uploads['receive']>[3])
				return textResponse(200, 'Received.')
			}
			if (request.method !== 'GET') return textResponse(405, 'This address can only be read.')
			if (room === 'frames') return await frame(options, Number(first), Number(second))
			if (room === 'thumbnails') return await fileResponse(await options.thumbnails.path(Number(first)), 'image/png')
			if (room === 'data-sets' && second === 'picture') return await fileResponse(await options.samplePictures.path(Number(first), url.searchParams.get('image') ?? '', request.signal), 'image/png')
			if (room === 'runs' && second === 'picture') return await fileResponse(await options.runPictures.path(first, url.searchParams.get('image') ?? '', url.searchParams.get('size') ?? '', request.signal), 'image/png')
			if (room === 'reports' && first) return await report(options, first)
			if (room === 'drafts') {
				const pdf = await options.reports.draftPdf(Number.parseInt(first, 10))
				return bytesResponse(pdf, 'application/pdf', pdfHeaders(`draft-${Number.parseInt(first, 10)}.pdf`))
			}
			if (room === 'packs') return await pack(options, first, second)
			return await pageResponse(options.page, url.pathname)
		} catch (error) {
			if (error instanceof DiskFullError) return textResponse(507, error.message)
			if (isOutOfSpace(error)) return textResponse(507, OUT_OF_SPACE)
			if (error instanceof UserError) return textResponse(422, error.message)
			return textResponse(500, `Something went wrong inside the program: ${error instanceof Error ? error.message : String(error)}`)
		}
	}
}

async function frame({ library, frames }: BodiesOptions, instanceId: number, frameIndex: number): Promise<Response> {
	const { path } = await frames.frame(getInstance(library, instanceId), frameIndex)
	return fileResponse(path, 'application/octet-stream')
}

async function report({ reports }: BodiesOptions, fileName: string): Promise<Response> {
	const match = /^(\d+)\.(pdf|json|csv)$/.exec(fileName)
	if (!match) return textResponse(404, 'There is no such report.')
	const reportId = Number(match[1])
	if (match[2] === 'pdf') return bytesResponse(await reports.signedPdf(reportId), 'application/pdf', pdfHeaders(`report-${reportId}.pdf`))
	const type = match[2] === 'json' ? 'application/json' : 'text/csv; charset=utf-8'
	const text = match[2] === 'json' ? reports.signedJson(reportId) : reports.signedCsv(reportId)
	return bytesResponse(new TextEncoder().encode(text), type, { 'content-disposition': `attachment; filename="report-${reportId}.${match[2]}"` })
}

async function pack({ packFiles }: BodiesOptions, origin: string, id: string): Promise<Response> {
	if (origin !== 'installed' && origin !== 'run' && origin !== 'imported') return textResponse(404, 'There is no such model pack.')
	const { name, bytes, stream } = await packFiles.open(origin, id)
	return streamResponse(stream(), bytes, 'application/zip', { 'content-disposition': `attachment; filename="${name}"` })
}

/** The browser's own PDF viewer embeds itself, which the page's policy would forbid. */
function pdfHeaders(fileName: string): Record<string, string> {
	return { 'content-disposition': `inline; filename="${fileName}"`, 'content-security-policy': "frame-ancestors 'self'" }
}
