import { useCallback, useMemo } from 'react'
import type { TrainingState } from '../../../../common/contract/training/desk.ts'
import type { RunDetail } from '../../../../common/contract/training/review.ts'
import { client } from '../../../app/client.ts'
import { useQuestion } from '../../../app/useQuestion.ts'
import { Card } from '../../../ui/Card.tsx'
import { CopyButton } from '../../../ui/CopyButton.tsx'
import { bytes, count, localTime, number } from '../../../ui/words.ts'
import { Fact, Facts } from '../../Facts.tsx'
import { beginRun } from '../../newRun/newRunStore.ts'

interface RecipeProps {
	id: string
	state: TrainingState
	detail: { value: RunDetail | null; fault: string }
	/** A run that has not begun has a recipe alone. */
	hasFolder: boolean
}

/** What a run was made from: its recipe, hashes that prove it, and the machine. */
export function Recipe({ id, state, detail: { value: detail, fault: detailFault }, hasFolder }: RecipeProps) {
	const ask = useCallback(() => client.call('training.recipe', { id }), [id])
	const { value, fault } = useQuestion(ask)
	const text = useMemo(() => (value ? JSON.stringify(value.recipe, null, 2) : ''), [value])
	return (
		<div className="run-recipe" role="region" aria-label="Recipe and hashes" tabIndex={0}>
			<section className="run-hashes" aria-label="Hashes">
				<h2>Hashes</h2>
				{!hasFolder && <p className="muted">They come with its first step.</p>}
				{hasFolder && detailFault !== '' && <p className="runs-why fault selectable" role="alert">They could not be read. {detailFault}</p>}
				{detail && <Hashes hashes={detail.hashes} isFinished={state === 'finished'} />}
			</section>
			{detail && <Made detail={detail} />}
			<section className="whole" aria-label="Recipe">
				<div className="run-recipe-head">
					<h2>Recipe</h2>
					{detail && <button onClick={() => beginRun(detail.recipe.data)}>New run on these images</button>}
					{text !== '' && <CopyButton title="Copy the recipe" text={() => text} />}
				</div>
				{fault !== '' && <p className="runs-why fault selectable" role="alert">The recipe could not be read. {fault}</p>}
				{text !== '' && <pre className="selectable run-json" role="region" aria-label="Recipe as JSON" tabIndex={0}>{text}</pre>}
			</section>
			{detail && detail.card.trim() !== '' && <section className="whole" aria-label="Model card"><h2>Model card</h2><Card text={detail.card} /></section>}
		</div>
	)
}

function Hashes({ hashes: { recipe, data, weights, graph }, isFinished }: { hashes: RunDetail['hashes']; isFinished: boolean }) {
	const none = isFinished ? 'Not noted' : 'When the run is finished'
	return (
		<>
			<Facts>
				<Fact term="Recipe" title="SHA-256 of recipe.json" wide>{recipe}</Fact>
				<Fact term="Data" title="SHA-256 of labels, splits, groups and the bytes of every image" wide>{data}</Fact>
				<Fact term="Weights" title="SHA-256 of the weights of the best validation" wide>{weights ?? none}</Fact>
				<Fact term="Graph" title="SHA-256 of model.onnx of the pack" wide>{graph ?? none}</Fact>
			</Facts>
			<p className="run-recipe-copy"><CopyButton title="Copy the hashes" text={() => [`recipe ${recipe}`, `data ${data}`, ...(weights ? [`weights ${weights}`] : []), ...(graph ? [`graph ${graph}`] : [])].join('\n')} /></p>
		</>
	)
}

function Made({ detail: { environment, summary } }: { detail: RunDetail }) {
	const { software, machine, data, student, teachers, lungs, threads, seed, createdAt } = environment
	const { train, validation, test } = data.samples
	return (
		<section aria-label="How it was made">
			<h2>How it was made</h2>
			<Facts>
				<Fact term="Begun">{localTime(createdAt)}</Fact>
				<Fact term="Seed">{number(seed)}</Fact>
				<Fact term="Images">{number(train)} train, {number(validation)} validation, {number(test)} test</Fact>
				<Fact term="Labels">{data.labels.length === 0 ? 'None: it marks lungs' : data.labels.join(', ')}</Fact>
				<Fact term="Student">{student.name}, {count(student.parameters, 'parameter')}, {number(student.trained)} of them trained</Fact>
				<Fact term="Teachers">{teachers.length === 0 ? 'None' : teachers.map(({ name, sha256 }) => `${name} (${sha256.slice(0, 12)})`).join(', ')}</Fact>
				{lungs && <Fact term="Lungs found by">{lungs.id} ({lungs.sha256.slice(0, 12)})</Fact>}
				<Fact term="Software">Negatoscope {software.negatoscope}, Node {software.node}, ONNX Runtime {software.onnxruntime}</Fact>
				<Fact term="Machine">{machine.processor.trim() || machine.architecture}, {count(machine.cores, 'core')}, {bytes(machine.memoryBytes)}; {count(threads, 'thread')} used</Fact>
				<Fact term="Folder" wide>{summary.directory}</Fact>
			</Facts>
		</section>
	)
}
