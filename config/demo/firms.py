"""The employers of the demo. Every one is invented."""

from __future__ import annotations

from typing import NamedTuple


class Firm(NamedTuple):
    """`people`: "lead" has an account, "contact" only an address, "invited" an open invitation.
    `papers`: of the insurance and the risk assessment: "valid", "lapsing", "lapsed" or ""."""

    key: str
    name: str
    size: str
    sectors: str
    town: str
    about: str
    people: str = "contact"
    papers: str = "valid"


HARBOUR = (
    Firm("brightwater", "Brightwater Engineering", "medium", "manufacturing", "Kettlehaven Docks",
         "We make winches and deck gear for working boats, from drawing to test bench.", "lead", "lapsing"),
    Firm("saffron", "Saffron Lane Bakery", "small", "food-making hospitality", "Kettlehaven",
         "Bread, buns and wedding cakes since five every morning.", "lead"),
    Firm("greenfold", "Greenfold Nursery Gardens", "micro", "farming environment", "Hollowdale",
         "Hardy plants for gardens by the sea.", "invited", ""),
    Firm("tidewater", "Tidewater Boatyard", "small", "manufacturing transport", "Kettlehaven Docks",
         "Wooden boats mended, moored and launched.", "lead"),
    Firm("marram", "Marram Energy", "large", "energy environment", "Kettlehaven Docks",
         "We keep 84 wind turbines turning, eleven miles out.", "lead"),
    Firm("beacon", "Beacon Street Surgery", "small", "health", "Kettlehaven",
         "A practice of six doctors, nine nurses and one very busy front desk.", "lead"),
    Firm("kettle-hospital", "Kettlehaven Community Hospital", "large", "health care", "Saltersgate",
         "Wards, therapy, a laboratory and a kitchen that feeds 300.", "lead"),
    Firm("plumb", "Plumb & Level Builders", "small", "construction", "Brackenby",
         "Extensions, roofs and village halls.", "lead", "lapsed"),
    Firm("norbeck", "Norbeck Homes", "medium", "construction property", "Kettlehaven",
         "Warm, affordable homes: we build them and look after them.", "lead"),
    Firm("lanternlight", "Lanternlight Games", "micro", "digital media", "Kettlehaven",
         "Seven people, two games, one office dog.", "lead"),
    Firm("pixelwright", "Pixelwright Studio", "small", "digital marketing", "Kettlehaven",
         "Websites for charities and small firms.", "lead"),
    Firm("harbour-authority", "Kettlehaven Harbour Authority", "medium", "transport public-service",
         "Kettlehaven Docks", "Pilots, berths, dredging and the lights at night.", "lead"),
    Firm("council", "Kettlehaven Borough Council", "large", "public-service", "Kettlehaven",
         "Parks, planning, housing, and 60 other jobs you never think of.", "lead"),
    Firm("fire", "Hills Fire and Rescue", "large", "public-service", "Saltersgate",
         "Four stations; prevention first.", "lead"),
    Firm("millrace", "Millrace Dairy", "medium", "food-making farming", "Millbeck",
         "Cheese and yoghurt from 22 farms in the dale.", "lead"),
    Firm("hillfoot", "Hillfoot Veterinary Centre", "small", "health farming", "Brackenby",
         "Cats on Monday, cattle all week.", "lead"),
    Firm("silverline", "Silverline Coaches", "medium", "transport", "Saltersgate",
         "School runs, tours and a workshop that never closes.", "lead"),
    Firm("ropewalk", "Ropewalk Theatre", "small", "arts-sport", "Kettlehaven",
         "A stage, a scene dock and a youth company.", "lead"),
    Firm("tallow", "Tallow & Finch Accountants", "small", "law finance", "Kettlehaven",
         "Books in order for half the high street.", "lead"),
    Firm("seawall", "Seawall Consulting Engineers", "medium", "architecture construction", "Kettlehaven",
         "Bridges, sea walls and the sums behind them.", "lead"),
    Firm("orchard-care", "Orchard Court Care Home", "medium", "care", "Stonewick",
         "Home to 54 people with long stories.", "lead"),
    Firm("fernhill", "Fernhill Forestry", "small", "farming environment", "Upper Fern",
         "We plant, thin and fell, and count the birds in between.", "lead", "lapsing"),
    Firm("quay-radio", "Quay FM", "micro", "media", "Kettlehaven",
         "Local radio from a shed with a view.", "lead"),
    Firm("ledger", "Ledger Mutual", "large", "finance", "Kettlehaven",
         "Savings and mortgages, owned by our members.", "lead"),
    Firm("sandpiper", "Sandpiper Hotel", "medium", "hospitality", "Kettlehaven",
         "Sixty rooms, one kitchen, breakfast until eleven.", "contact"),
    Firm("copper", "Copper Kettle Cafés", "small", "hospitality", "Kettlehaven", "Four cafés and a roastery."),
    Firm("northlight", "Northlight Laboratories", "medium", "science", "Saltersgate",
         "We test water, soil and sea for eleven counties."),
    Firm("tern", "Tern Logistics", "medium", "transport", "Saltersgate", "Parcels for the whole coast by ten."),
    Firm("weaver", "Weaver Solar", "small", "energy construction", "Brackenby", "Roofs that pay their way."),
    Firm("peat", "Peat Moor Wildlife Trust", "small", "charities environment", "Hollowdale",
         "Blanket bog, curlews and muddy boots."),
    Firm("stitch", "Stitch & Sail", "micro", "beauty-crafts manufacturing", "Kettlehaven Docks",
         "Sailmakers who also mend rucksacks."),
    Firm("harrow", "Harrow Farm Shop", "micro", "retail farming", "Hollowdale", "Everything from within nine miles."),
    Firm("clearstream", "Clearstream Water", "large", "environment", "Saltersgate",
         "Clean water in, clean water out.", "contact", "lapsed"),
    Firm("bell-optics", "Bell Rock Optics", "small", "manufacturing science", "Saltersgate",
         "Lenses for lighthouses and microscopes."),
    Firm("cobble", "Cobble & Crumb", "micro", "food-making retail", "Stonewick", "Biscuits, by hand, by the tin."),
    Firm("ironstone", "Ironstone Forge", "micro", "beauty-crafts", "Upper Fern", "Gates, hooks and one very loud hammer."),
    Firm("gannet", "Gannet Print", "small", "media marketing", "Kettlehaven", "Posters at nine, menus by noon."),
    Firm("moorgate", "Moorgate Motors", "small", "vehicles", "Saltersgate", "Repairs, MOTs and electric conversions."),
    Firm("hope-street", "Hope Street Food Bank", "micro", "charities", "Kettlehaven",
         "Groceries, advice and a kettle that is always on."),
    Firm("thorn", "Thornwick Solicitors", "small", "law", "Kettlehaven", "Houses, wills and the odd boat dispute."),
    Firm("lowtide", "Low Tide Surf School", "sole", "arts-sport", "Stonewick", "Boards, wetsuits, patience."),
    Firm("alder", "Alder Architects", "small", "architecture", "Kettlehaven", "Schools, sheds and one lifeboat station."),
    Firm("brine", "Brine & Barley Brewery", "small", "food-making", "Millbeck", "Visits for over-16s by day only."),
    Firm("cart", "Cartwheel Day Nursery", "small", "education care", "Brackenby", "Seventy children, one big sandpit."),
    Firm("dune", "Dune Security", "medium", "business-services", "Saltersgate", "Control room and patrols."),
    Firm("estuary", "Estuary Lettings", "micro", "property", "Kettlehaven", "We find homes for people and people for homes."),
    Firm("foss", "Foss Pharmacy", "small", "health retail", "Stonewick", "Three counters and a robot called Maud."),
    Firm("gull", "Gullwing Telecoms", "medium", "digital", "Saltersgate", "Fibre to farms."),
    Firm("heather", "Heather & Hide", "micro", "beauty-crafts retail", "Upper Fern", "Belts, bags and harness."),
    Firm("isle", "Isle View Caravan Park", "small", "hospitality arts-sport", "Stonewick", "Two hundred pitches, one launderette."),
    Firm("jetty", "Jetty Fish Market", "small", "food-making retail", "Kettlehaven Docks", "Auction at six, filleting by seven."),
    Firm("kiln", "Kiln Lane Pottery", "sole", "beauty-crafts", "Millbeck", "Mugs, bowls and lessons."),
    Firm("lark", "Lark Rise Primary School", "small", "education", "Brackenby", "Two hundred small people."),
    Firm("mast", "Mast & Anchor Insurance", "small", "finance", "Kettlehaven", "Boats, barns and bungalows."),
    Firm("nettle", "Nettlebed Recycling", "medium", "environment", "Saltersgate", "Forty thousand tonnes a year, sorted."),
    Firm("otter", "Otterside Leisure Centre", "medium", "arts-sport", "Kettlehaven", "Pool, courts and a climbing wall."),
    Firm("pier", "Pier Pavilion", "small", "arts-sport hospitality", "Kettlehaven", "Dances, comics and conferences."),
    Firm("quarry", "Quarry Bank Stone", "small", "construction", "Hollowdale", "Sandstone, sawn and split."),
    Firm("rail", "Dale & Coast Railway", "medium", "transport", "Kettlehaven", "Nineteen miles of line, mostly steam."),
    Firm("scarf", "Scarfell Outdoor Shop", "micro", "retail", "Millbeck", "Boots that fit."),
)  # fmt: skip

FELLS = (
    Firm("joinery", "Fellside Joinery", "small", "construction manufacturing", "Tarnside", "Stairs, doors, kitchens.", "lead"),
    Firm("lodge", "Tarn Lodge Hotel", "medium", "hospitality", "Tarnside", "Walkers welcome, dogs too.", "lead"),
    Firm("rescue", "Fellgarth Outdoor Centre", "small", "arts-sport education", "Fellgarth", "Rope, rock and rain."),
    Firm("wool", "Herdwick Wool Works", "micro", "beauty-crafts farming", "Fellgarth", "From fleece to felt."),
)  # fmt: skip
