import { RefreshCw } from 'lucide-react'
import { useState } from 'react'
import type { AugmentationPreview } from '../../../../common/contract/training/looks.ts'
import { folderName, isolated } from '../../../ui/words.ts'
import { cancelLook, drawPreview, previewOf, useLooks } from '../jobs.ts'
import { setField } from '../newRunStore.ts'
import { progressInWords } from '../preflightWords.ts'
import { textAt, type Draft } from '../recipe/fields.ts'
import { AUGMENTATION_PRESETS, usualAugmentation } from '../recipe/usual.ts'
import { AUGMENTATIONS } from '../recipe/words.ts'
import { CheckField, NumberField, SelectField } from './fields.tsx'

/** Parts by what they change, each with what it is called. */
const PARTS = [
	{ title: 'Place and shape', parts: [['rotation', 'Turn, degrees to either side'], ['scale', 'Size, as a share'], ['translation', 'Shift, as a share of the side'], ['crop', 'Least area that a crop leaves'], ['horizontalFlip', 'Mirrored, how often (0 to 1)']] },
	{ title: 'Grey values', parts: [['brightness', 'Brightness'], ['contrast', 'Contrast'], ['gamma', 'Gamma']] },
	{ title: 'What a scanner does', parts: [['blur', 'Blurred, how often'], ['blurPixels', 'Blur, pixels at most'], ['noise', 'Noise, of full white'], ['jpeg', 'JPEG, how often'], ['jpegQuality', 'Lowest JPEG quality']] },
	{ title: 'What is hidden', parts: [['frame', 'Black frame, how often'], ['frameWidth', 'Frame, of the side at most'], ['erase', 'Grey rectangle, how often'], ['eraseArea', 'Rectangle, of the area at most']] },
] as const

/** How training images are changed at random, with samples of what comes of it. */
export function AugmentationFields({ draft }: { draft: Draft }) {
	const usual = usualAugmentation(textAt(draft, 'augmentation.preset'))
	return (
		<>
			<div className="new-run-fields">
				<SelectField
					field="augmentation.preset" label="Begins with" usual="chest-radiograph" options={AUGMENTATION_PRESETS.map((preset) => [preset, AUGMENTATIONS[preset] ?? preset] as const)}
					onChoose={(preset) => setField('augmentation', { preset })} hint="Choosing takes the changes below back."
				/>
			</div>
			<Preview draft={draft} />
			{PARTS.map(({ title, parts }) => (
				<fieldset key={title} className="new-run-parts-of">
					<legend className="panel-heading">{title}</legend>
					<div className="new-run-fields narrow">
						{parts.map(([part, label]) => <NumberField key={part} field={`augmentation.${part}`} label={label} usual={usual[part]} />)}
						{title === 'Place and shape' && (
							<>
								<SelectField field="augmentation.border" label="Outside the image" usual={usual.border} options={[['black', 'Black'], ['edge', 'The edge, drawn out'], ['mirror', 'Mirrored']]} />
								<CheckField field="augmentation.symmetries" label="All turns and mirrors of a square" usual={usual.symmetries} />
							</>
						)}
					</div>
				</fieldset>
			))}
		</>
	)
}

/** Samples of the draft's images as they are and as training would change them. */
function Preview({ draft }: { draft: Draft }) {
	const [seed, setSeed] = useState(0)
	const { jobId, progress, result, fault, of } = useLooks((state) => state.preview)
	const isOld = result !== null && jobId === null && of !== previewOf(draft, seed)
	function draw(next: number): void {
		setSeed(next)
		void drawPreview(draft, next)
	}
	return (
		<section className="new-run-preview" aria-label="Samples">
			<div className="new-run-row">
				<button className={result === null || isOld ? 'primary' : undefined} disabled={jobId !== null} onClick={() => draw(isOld || result === null ? seed : seed + 1)}>
					<RefreshCw aria-hidden />{result === null ? 'Show samples' : isOld ? 'Show them with these changes' : 'Show others'}
				</button>
				{jobId !== null && (
					<>
						<span className="numbers" role="status">{progress ? progressInWords(progress) : 'Looking for images'}</span>
						<button onClick={() => cancelLook('preview')}>Cancel</button>
					</>
				)}
				{isOld && <span className="muted" role="status">These were drawn before the last change.</span>}
			</div>
			{jobId === null && fault !== '' && <p className="new-run-fault" role="alert">{fault}</p>}
			{result && <Pictures preview={result} />}
		</section>
	)
}

function Pictures({ preview: { size, samples, refused } }: { preview: AugmentationPreview }) {
	const most = Math.max(0, ...samples.map(({ augmented }) => augmented.length))
	return (
		<>
			<div className="new-run-pictures">
				<table>
					<caption className="muted">As the network sees them, {size} x {size} pixels{most === 0 ? '; nothing is changed' : ''}</caption>
					<thead><tr><th scope="col">Image</th><th scope="col">As it is</th>{most > 0 && <th scope="colgroup" colSpan={most}>Changed at random</th>}</tr></thead>
					<tbody>
						{samples.map(({ id, labels, plain, augmented }) => (
							<tr key={id}>
								<th scope="row"><span className="cut" title={id}><bdi>{folderName(id)}</bdi></span><span className="cut muted" title={labels.join(', ')}><bdi>{labels.join(', ') || 'No label'}</bdi></span></th>
								{[plain, ...augmented].map((picture, index) => <td key={index}><img src={`data:image/png;base64,${picture}`} alt={index === 0 ? `${folderName(id)} as it is` : `${folderName(id)} changed, ${index}`} /></td>)}
							</tr>
						))}
					</tbody>
				</table>
			</div>
			{refused.length > 0 && <p className="muted">Passed over: {refused.slice(0, 3).map(({ id, reason }) => `${isolated(folderName(id))}: ${reason}`).join(' ')}</p>}
		</>
	)
}
