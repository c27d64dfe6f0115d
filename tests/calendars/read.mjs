// Reads a calendar from standard input with ical.js and says what it understood, as JSON.
import { readFileSync } from "node:fs";

const { default: ICAL } = await import(process.argv[2]);
const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
const zones = new Map();
for (const part of calendar.getAllSubcomponents("vtimezone")) {
  const zone = new ICAL.Timezone(part);
  zones.set(zone.tzid, zone);
}
const inUtc = (time) => new Date(time.toUnixTime() * 1000).toISOString().replace(".000Z", "Z");
const events = calendar.getAllSubcomponents("vevent").map((part) => {
  const event = new ICAL.Event(part);
  const zone = zones.get(part.getFirstProperty("dtstart").getParameter("tzid"));
  const starts = [];
  const each = event.iterator();
  for (let next = each.next(); next && starts.length < 400; next = each.next()) {
    next.zone = zone;
    starts.push(inUtc(next));
  }
  const related = part.getFirstProperty("related-to");
  return {
    uid: event.uid,
    sequence: event.sequence,
    status: part.getFirstPropertyValue("status"),
    summary: event.summary,
    description: event.description,
    location: event.location,
    stamp: inUtc(part.getFirstPropertyValue("dtstamp")),
    seconds: event.duration.toSeconds(),
    starts,
    related: related ? [related.getFirstValue(), related.getParameter("gap")] : null,
    attendees: part.getAllProperties("attendee").map((one) => one.getFirstValue()),
  };
});
process.stdout.write(JSON.stringify(events));
