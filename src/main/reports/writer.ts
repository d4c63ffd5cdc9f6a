import { readFile } from 'node:fs/promises'
import { UserError } from '../../common/contract/procedures.ts'
import type { SignedReport } from '../../common/contract/report.ts'
import { inTransaction } from '../library/database.ts'
import { listFindings } from '../library/findings.ts'
import type { FrameCache } from '../library/frameCache.ts'
import type { Library } from '../library/library.ts'
import { getDraft, getSignedReport, nextReportVersion, saveSignedReport } from '../library/reports.ts'
import type { SettingsStore } from '../settings.ts'
import type { HostCaller } from '../supervisor/hostCaller.ts'
import { decodeReportContent, encodeReportContent, type ReportContent } from './content.ts'
import { reportCsv, reportJson } from './export.ts'
import { gatherReport } from './gather.ts'
import { renderPdf } from './pdf.ts'

/** Reports as files: a draft as it would be, a signed version as it was signed. */
export interface ReportWriter {
	/** @throws UserError where the study is not there or a key image cannot be drawn. */
	draftPdf(studyId: number): Promise<Uint8Array<ArrayBuffer>>
	draftJson(studyId: number): Promise<string>
	draftCsv(studyId: number): Promise<string>
	/** The very bytes that were stored at signing. @throws UserError where they are damaged or gone. */
	signedPdf(reportId: number): Promise<Uint8Array<ArrayBuffer>>
	signedJson(reportId: number): string
	signedCsv(reportId: number): string
	/** Freezes findings, text and pictures as the next version. @throws UserError where one of them changed meanwhile, or as draftPdf does. */
	sign(studyId: number, signedBy: string): Promise<SignedReport>
}

export interface ReportWriterOptions {
	library: Library
	frames: FrameCache
	hosts: HostCaller
	settings: SettingsStore
	softwareVersion: string
}

export function createReportWriter({ library, frames, hosts, settings, softwareVersion }: ReportWriterOptions): ReportWriter {
	function gather(studyId: number, signature: { by: string; at: string } | null): Promise<ReportContent> {
		return gatherReport({ library, frames, hosts, institution: settings.get().institution, softwareVersion }, studyId, signature)
	}
	/** The reader's part of the report: draft and findings. */
	const whatIsWritten = (studyId: number) => JSON.stringify([getDraft(library, studyId).text, listFindings(library, studyId)])
	const signedContent = (reportId: number) => decodeReportContent(getSignedReport(library, reportId).content)

	return {
		draftPdf: async (studyId) => renderPdf(await gather(studyId, null)),
		draftJson: async (studyId) => reportJson(await gather(studyId, null)),
		draftCsv: async (studyId) => reportCsv(await gather(studyId, null)),
		async signedPdf(reportId) {
			const { report } = getSignedReport(library, reportId)
			const state = await library.objects.verify(report.pdfSha256)
			if (state !== 'whole') throw new UserError(`The stored PDF of this report is ${state}. Its content is still there as JSON and CSV.`)
			return new Uint8Array(await readFile(library.objects.pathOf(report.pdfSha256)))
		},
		signedJson: (reportId) => reportJson(signedContent(reportId)),
		signedCsv: (reportId) => reportCsv(signedContent(reportId)),
		async sign(studyId, signedBy) {
			const name = signedBy.trim()
			if (name === '') throw new UserError('A report is signed with a name.')
			const signedAt = new Date().toISOString()
			const signed = whatIsWritten(studyId)
			const content = await gather(studyId, { by: name, at: signedAt })
			const pdf = await library.objects.put(await renderPdf(content))
			return inTransaction(library.database, () => {
				// Signing ends the draft: words that came while the pages were made would be lost with it.
				if (content.version === nextReportVersion(library, studyId) && whatIsWritten(studyId) !== signed) throw new UserError('The report was changed while it was being signed, so it was not signed. Read it again and sign it.')
				return saveSignedReport(library, { studyId, version: content.version, signedBy: name, signedAt, pdfSha256: pdf.sha256, content: encodeReportContent(content) })
			})
		},
	}
}
