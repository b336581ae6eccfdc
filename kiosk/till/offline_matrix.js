/** Offline matrix: what works without a network; scripts/write_offline.py makes it of docs/offline.md. */

import { t } from "./words.js";

/** Parts with rows: what, how far, the limit. @type {() => [string, [string, number, string][]][]} */
export const MATRIX = () => [
  [t("Selling"), [
    [t("Scanning, search by name, categories, quantities, discounts"), 0, ""],
    [t("Scanning with the camera"), 1, t("where the browser reads codes by itself, or the camera was opened at this device with a network once")],
    [t("Price check"), 1, t("prices, offers and this store's stock as of the last contact; what other stores have needs the server")],
    [t("Pages and folders of tiles, as the office made them"), 0, ""],
    [t("Choices, open price, quick item, note, deposit, age question"), 0, ""],
    [t("Variants of a family"), 0, ""],
    [t("Weighed goods and the scale"), 0, ""],
    [t("Prices"), 1, t("those of the last contact; a sale stands with what the till knew")],
    [t("Lot and serial number"), 1, t("whether a piece is in stock and which lot expires first isn't known")],
    [t("Tax exemption"), 1, t("for who was exempt at the last contact")],
    [t("Hold and recall what this device put aside"), 0, ""],
    [t("Seeing and recalling what other tills put aside"), 2, ""],
    [t("A sale on hold that two tills went on with, one of them offline"), 1, t("both stand; the second is told of when it arrives")],
    [t("Keeping goods for a customer, and finding what is kept"), 2, ""],
    [t("Payment for kept goods, their hand-over and cancellation, once they were found"), 0, ""],
    [t("Taking steps back, sounds"), 0, ""],
    [t("Goods that are shared out because they are scarce"), 1, t("this till's share; beyond it the till warns, asks a manager or stops, as the business has set it")],
    [t("How long, how many and how much is sold"), 1, t("as the business has set it: 72 hours and 500 sales, unless it says otherwise")],
  ]],
  [t("News and notes"), [
    [t("Reading and confirming announcements"), 1, t("those that had arrived; that they were confirmed is told later")],
    [t("Notes for the shift, reading and leaving them"), 1, t("those that had arrived; other tills see what is left here once the network is back")],
    [t("Messages in threads"), 1, t("the last one of each thread; reading on and answering need the server")],
  ]],
  [t("Loss prevention"), [
    [t("A reason, or an approval, before what comes too often"), 1, t("by what this device recorded and heard of the store's other tills; an approval by PIN")],
    [t("Alerts and notices"), 1, t("when the records arrive")],
  ]],
  [t("The language"), [
    [t("The language that is set"), 0, ""],
    [t("Another language"), 1, t("where this device had it since the last update; else it needs the server once, and the till stays as it is")],
  ]],
  [t("The drawer"), [
    [t("Opening a shift, by pieces too"), 1, t("what the last close left is compared when the till is online again")],
    [t("Pay-in, pay-out, change from the safe, drop, pick-up, with their slips"), 0, ""],
    [t("Opening the drawer without a sale"), 0, ""],
    [t("Counting and closing"), 1, t("nobody asks for a second count; all counts are kept, and the Z report follows with the connection")],
    [t("X report"), 2, ""],
    [t("The alert for too much cash in the drawer"), 0, ""],
    [t("Sales that reach the server after their shift was closed"), 1, t("taken in, and listed in a supplement to its Z report")],
  ]],
  [t("Payment"), [
    [t("Cash, quick amounts, change, tips, several payments"), 0, ""],
    [t("Cash of other currencies"), 1, t("at the last rate")],
    [t("A card terminal of its own, read by hand"), 0, ""],
    [t("A card terminal that the till talks with"), 1, t("where the terminal itself has a line; what it doesn't answer is asked for again")],
    [t("Gift card, store credit, on account"), 2, ""],
  ]],
  [t("Offers and coupons"), [
    [t("Offers"), 1, t("one that was started, changed or ended since the last contact is not known")],
    [t("Coupons"), 1, t("by the business's setting: not taken, or taken on their check character; a code used twice is told of when it arrives")],
  ]],
  [t("Customers"), [
    [t("Choosing a customer by name or phone"), 2, ""],
    [t("Scanning a customer card"), 1, t("where \"Customer cards begin with\" is set: the server finds whose it is; prices are everybody's meanwhile")],
    [t("Adding somebody new"), 2, ""],
    [t("The customer of a basket that was begun with a network"), 0, ""],
  ]],
  [t("People and the device"), [
    [t("Changing the cashier by PIN or badge"), 0, ""],
    [t("Approvals"), 1, t("by a PIN at this till, on an enrolled device")],
    [t("Leaving kiosk mode by PIN or badge"), 1, t("by one that was right at this device before")],
    [t("Setting up the scanner and the printer, the keyboard on the screen"), 0, ""],
    [t("Receipts of this device, and printing them again"), 0, ""],
    [t("Reloading the page, and starting the device"), 1, t("after the first time that it was online")],
    [t("Signing out, clearing or revoking with unsent sales"), 2, t("refused until all of it has arrived")],
  ]],
  [t("Returns"), [
    [t("Return and exchange of a receipt of this device"), 1, t("what this device took back before counts; what another till took back meanwhile is told of when it arrives")],
    [t("Which lot or pieces come back"), 0, ""],
    [t("A receipt of another till or device"), 2, ""],
    [t("Return without a receipt, where the business allows it"), 1, t("store credit is credited when the till is online again")],
    [t("Money back onto a card"), 1, t("as far as the terminal has a line of its own")],
    [t("Money back onto a gift card, store credit, an account"), 1, t("it is there when the till is online again")],
  ]],
  [t("Receipts and the customer display"), [
    [t("Printing, gift receipts, copies, the drawer's pulse"), 0, ""],
    [t("A printer of the network, through the bridge"), 1, t("where the printer's own network does")],
    [t("The code of a receipt"), 1, t("its page opens once the sale has been sent")],
    [t("A receipt by e-mail"), 1, t("waits on the device until the sale has been sent")],
    [t("The customer display in a second window"), 0, ""],
    [t("A customer display on another device"), 2, t("it says that it waits, and comes back by itself")],
  ]],
];
