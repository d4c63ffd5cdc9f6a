import { routes } from '../../../../common/contract/procedures.ts'
import type { SignedReport } from '../../../../common/contract/report.ts'

function timeText(instant: string): string {
	return new Date(instant).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })
}

const FORMATS = ['pdf', 'json', 'csv'] as const

/** Signed versions, newest first; they are read, never changed. */
export function SignedVersions({ signed }: { signed: SignedReport[] }) {
	return (
		<section className="panel-group" aria-label="Signed versions">
			<h3 className="panel-heading">Signed versions</h3>
			<ol className="signed-list" aria-label="Signed versions">
				{signed.toReversed().map((version) => (
					<li key={version.id} className="signed">
						<p><strong className="numbers">Version {version.version}</strong> · {version.kind}</p>
						<p className="muted numbers">
							<span dir="auto">{version.signedBy}</span>, {timeText(version.signedAt)}
						</p>
						<p className="button-line">
							{FORMATS.map((format) => (
								<a key={format} className="button small" href={routes.report(version.id, format)} target="_blank" rel="noreferrer" aria-label={`${format.toUpperCase()} of version ${version.version}`}>
									{format.toUpperCase()}
								</a>
							))}
							<code className="muted" title={`SHA-256 of the PDF: ${version.pdfSha256}`}>{version.pdfSha256.slice(0, 12)}</code>
						</p>
					</li>
				))}
			</ol>
		</section>
	)
}
