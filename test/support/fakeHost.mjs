// A host for the supervisor's tests: does what its input says.
process.on('message', ({ id, method, input, abort }) => {
	if (abort) {
		process.send({ id, error: { message: 'Cancelled.', detail: '', user: false, aborted: true } })
		return
	}
	if (method === 'unzip') {
		process.send({ id, progress: { name: 'one' } })
		return
	}
	if (input.path === 'die') process.kill(process.pid, 'SIGKILL')
	if (input.path === 'refuse') process.send({ id, error: { message: 'No.', detail: 'because', user: true, aborted: false } })
	if (input.path === 'fault') process.send({ id, error: { message: 'oops', detail: 'stack', user: false, aborted: false } })
	if (input.path === 'lie') process.send({ id, output: { facts: 'none' } })
	if (input.path === 'answer') process.send({ id, output: { refused: 'A text file.', sha256: null } })
})
process.send({ ready: true })
