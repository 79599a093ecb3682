// Mends how Gradio's page listens. Its server ends the stream that tells what happens once nothing is left to tell. On a
// slow link that end is under way while the page asks for more: Gradio would count on a stream that is over, and wait for
// ever. So what is asked counts as asked once the stream tells of it, or has ended, and Gradio opens a new one.
() => {
  const ask = window.fetch, events = new Map();
  let listening = Promise.resolve();

  function mention(id) {
    const event = events.get(id) || {};
    event.told ??= new Promise((done) => (event.tell = done));
    events.set(id, event);
    return event;
  }

  async function listen(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let begun = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const lines = (begun + part.value).split("\n");
      begun = lines.pop();
      for (const line of lines) if (line.startsWith("data: ")) mention(JSON.parse(line.slice(6)).event_id).tell();
    }
  }

  async function stream(request, options) {
    let end;
    listening = new Promise((done) => (end = () => setTimeout(done, 50)));  // then Gradio, too, has read the end
    try {
      const answer = await ask(request, options), [ours, theirs] = answer.body.tee();
      listen(ours).catch(() => {}).finally(end);  // Gradio breaks off what it has read
      return new Response(theirs, answer);
    } catch (error) {
      end();
      throw error;
    }
  }

  async function join(request, options) {
    const answer = await ask(request, options);
    if (answer.ok) await Promise.race([mention((await answer.clone().json()).event_id).told, listening]);
    return answer;
  }

  window.fetch = (request, options) => {
    const { pathname } = new URL(request.url || request, location);
    if (pathname.endsWith("/queue/data")) return stream(request, options);
    return (pathname.endsWith("/queue/join") ? join : ask)(request, options);
  };
}
