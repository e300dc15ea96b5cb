import { exactText } from "./format.js";
import { html } from "./html.js";
import { useEvents } from "./live.js";
import { AtSite, HostLink, Name } from "./parts.js";
import { diskAddress } from "./router.js";
import { eventDetail, eventSite, eventText } from "./words.js";

/** Events as they come. */
export function EventsPage() {
  const events = useEvents();
  return html`
    <h1>Events</h1>
    <p class="quiet">${events.length === 0
      ? "None since this page was opened. They appear here as they come."
      : "Since this page was opened, the latest first."}</p>
    <ol class="events" aria-live="polite" aria-relevant="additions">${events
      .map((row) => {
        const name = row.label || row.uuid || row.serial;
        return html`<li key=${row.number} class="event">
        <time datetime=${row.at}>${exactText(row.at)}</time>
        <b class="what ${row.event}">${eventText(row)}</b>
        <${HostLink} name=${row.uniqueHost} />
        ${eventSite(row) && html`<${AtSite} site=${eventSite(row)} />`}
        ${
          row.device &&
          html`<span class="device"><${Name}>${row.device}<//></span>`
        }
        ${
          name &&
          html`<a href=${
            diskAddress(row.uuid ?? name)
          }><${Name}>${name}<//></a>`
        }
        <span class="quiet"><bdi>${eventDetail(row)}</bdi></span>
      </li>`;
      })}</ol>
  `;
}
