import type { LungManifest, LungPack } from '../../../common/contract/lungs.ts'
import { Card } from '../../ui/Card.tsx'
import { number } from '../../ui/words.ts'
import { Fact, Facts } from '../Facts.tsx'

/** The network that marks the lungs, in the list of models: whether it can be used. */
export function LungItem({ lungs, shown, onChoose }: { lungs: LungPack; shown: boolean; onChoose(directory: string): void }) {
	return (
		<section aria-label="Lungs">
			<h2 className="panel-heading">Lungs</h2>
			{'fault' in lungs ? <p className="models-none muted">{lungs.fault}</p> : (
				<ul>
					<li>
						<button className="quiet models-pack" aria-current={shown ? 'true' : undefined} onClick={() => onChoose(lungs.directory)}>
							<span className="cut models-pack-title"><bdi>{lungs.manifest.title}</bdi></span>
							<span className="models-pack-line muted"><span className="cut">{lungs.manifest.version}, built-in</span></span>
						</button>
					</li>
				</ul>
			)}
		</section>
	)
}

/** What the pack of the lung network says: what it is for, how good it is, its card. It is not chosen by anyone: the gate asks it on every chest film. */
export function LungView({ manifest, directory, card }: { manifest: LungManifest; directory: string; card: string }) {
	return (
		<article className="models-view" aria-label="Model" tabIndex={0}>
			<header><h1><bdi>{manifest.title}</bdi></h1></header>
			<Facts>
				<Fact term="Identifier">{manifest.id} {manifest.version}</Fact>
				<Fact term="SHA-256" title={manifest.sha256}>{manifest.sha256.slice(0, 12)}</Fact>
				<Fact term="Architecture">{manifest.architecture}</Fact>
				<Fact term="Parameters">{number(manifest.parameters)}</Fact>
				<Fact term="Serves" wide>The input gate, the part of a film that a model sees, and the share of a map inside the lungs.</Fact>
				<Fact term="Licence" wide>{manifest.licence}</Fact>
				<Fact term="Folder" wide>{directory}</Fact>
			</Facts>
			<section aria-label="Limitations" className="models-limits">
				<h2>Limitations</h2>
				<ul>{manifest.limitations.map((limitation) => <li key={limitation}>{limitation}</li>)}</ul>
			</section>
			{card.trim() !== '' && <section aria-label="Model card" className="models-card"><h2>Model card</h2><Card text={card} /></section>}
		</article>
	)
}
