import { h, render } from "preact";
import { useEffect, useState } from "preact/hooks";
import htm from "htm";

const html = htm.bind(h);

function Main() {
  const [hosts, setHosts] = useState([]);
  useEffect(() => {
    const load = async () => {
      const answer = await fetch("/api/hosts.json");
      if (answer.ok) setHosts(await answer.json());
    };
    const events = new EventSource("/api/events");
    events.addEventListener("event", load);
    events.addEventListener("daemon", load);
    load();
    return () => events.close();
  }, []);
  return html`
    <h1>diskd</h1>
    <ul>${hosts.map((host) =>
      html`<li key=${host.hostId}>${host.uniqueHost}: ${host.disks}</li>`
    )}</ul>
  `;
}

render(html`<${Main} />`, document.getElementById("page"));
