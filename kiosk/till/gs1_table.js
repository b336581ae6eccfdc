/** The application identifiers of GS1: the same text as retail/kit/gs1_table.py, which says how to read it. A test compares them. */
export const TABLE = `
00 * n18c | SSCC
01 * n14c | GTIN
02 * n14c | Content
10 x..20 | Batch or lot
11 * n6d | Made on
12 * n6d | Due on
13 * n6d | Packed on
15 * n6d | Best before
16 * n6d | Sell by
17 * n6d | Use by
20 * n2 | Variant
21 x..20 | Serial number
22 x..20 | Consumer product variant
235 x..28 | Third-party serial number
240 x..30 | Additional number
241 x..30 | Customer's part number
242 n..6 | Made-to-order variation
243 x..20 | Packaging component
250 x..30 | Secondary serial number
251 x..30 | Source
253 n13c x..17? | Document
254 x..20 | Extension of the location
255 n13c n..12? | Coupon
30 n..8 | Variable count
3100-3105 * n6v | Net weight, kg
3110-3115 * n6v | Length, m
3120-3125 * n6v | Width, m
3130-3135 * n6v | Height, m
3140-3145 * n6v | Area, m2
3150-3155 * n6v | Net volume, l
3160-3165 * n6v | Net volume, m3
3200-3205 * n6v | Net weight, lb
3210-3215 * n6v | Length, in
3220-3225 * n6v | Length, ft
3230-3235 * n6v | Length, yd
3240-3245 * n6v | Width, in
3250-3255 * n6v | Width, ft
3260-3265 * n6v | Width, yd
3270-3275 * n6v | Height, in
3280-3285 * n6v | Height, ft
3290-3295 * n6v | Height, yd
3300-3305 * n6v | Gross weight, kg
3310-3315 * n6v | Gross length, m
3320-3325 * n6v | Gross width, m
3330-3335 * n6v | Gross height, m
3340-3345 * n6v | Gross area, m2
3350-3355 * n6v | Gross volume, l
3360-3365 * n6v | Gross volume, m3
3370-3375 * n6v | Kilograms per m2
3400-3405 * n6v | Gross weight, lb
3410-3415 * n6v | Gross length, in
3420-3425 * n6v | Gross length, ft
3430-3435 * n6v | Gross length, yd
3440-3445 * n6v | Gross width, in
3450-3455 * n6v | Gross width, ft
3460-3465 * n6v | Gross width, yd
3470-3475 * n6v | Gross height, in
3480-3485 * n6v | Gross height, ft
3490-3495 * n6v | Gross height, yd
3500-3505 * n6v | Area, in2
3510-3515 * n6v | Area, ft2
3520-3525 * n6v | Area, yd2
3530-3535 * n6v | Gross area, in2
3540-3545 * n6v | Gross area, ft2
3550-3555 * n6v | Gross area, yd2
3560-3565 * n6v | Net weight, troy oz
3570-3575 * n6v | Net weight or volume, oz
3600-3605 * n6v | Net volume, qt
3610-3615 * n6v | Net volume, gal
3620-3625 * n6v | Gross volume, qt
3630-3635 * n6v | Gross volume, gal
3640-3645 * n6v | Net volume, in3
3650-3655 * n6v | Net volume, ft3
3660-3665 * n6v | Net volume, yd3
3670-3675 * n6v | Gross volume, in3
3680-3685 * n6v | Gross volume, ft3
3690-3695 * n6v | Gross volume, yd3
37 n..8 | Count
3900-3909 n..15v | Amount to pay
3910-3919 n3k n..15v | Amount to pay, with its currency
3920-3929 n..15v | Price
3930-3939 n3k n..15v | Price, with its currency
3940-3943 n4v | Percent off
3950-3955 n6v | Price per unit
400 x..30 | Order number
401 x..30 | Consignment
402 n17c | Shipment
403 x..30 | Routing
410 * n13c | Ship to
411 * n13c | Bill to
412 * n13c | Bought from
413 * n13c | Ship for
414 * n13c | Location
415 * n13c | Pay to
416 * n13c | Made at
417 * n13c | Party
420 x..20 | Ship to postcode
421 n3 x..9 | Ship to country and postcode
422 n3 | Origin
423 n3 n..12? | First processed in
424 n3 | Processed in
425 n3 n..12? | Taken apart in
426 n3 | All processed in
427 x..3 | Origin, part of the country
4300 x..35 | Ship to company
4301 x..35 | Ship to name
4302-4306 x..70 | Ship to address
4307 x2 | Ship to country
4308 x..30 | Ship to phone
4309 n20 | Ship to place on earth
4310 x..35 | Return to company
4311 x..35 | Return to name
4312-4316 x..70 | Return to address
4317 x2 | Return to country
4318 x..20 | Return to postcode
4319 x..30 | Return to phone
4320 x..35 | Service
4321-4323 n1 | Delivery flag
4324-4325 n6d n4t | Delivery not before or after
4326 n6D | Release date
4330-4333 n6 x1? | Temperature
7001 n13 | NATO stock number
7002 x..30 | Meat cut
7003 n6D n4t | Use by, with the time
7004 n..4 | Active potency
7005 x..12 | Catch area
7006 n6D | First frozen on
7007 n6D n6D? | Harvested on
7008 x..3 | Fish species
7009 x..10 | Fishing gear
7010 x..2 | Production method
7011 n6D n4t? | Test by
7020 x..20 | Refurbishment lot
7021 x..20 | Functional status
7022 x..20 | Revision status
7023 x..30 | Asset of an assembly
7030-7039 n3 x..27 | Processor
7040 n1 x3 | Unique importer
710-715 x..20 | National healthcare number
7230-7239 x2 x..28 | Certificate
7240 x..20 | Protocol
7241 n2 | Kind of medium
7242 x..25 | Version control number
8001 n14 | Roll: width, length, core, direction, splices
8002 x..20 | Mobile phone number
8003 n14c x..16? | Returnable asset
8004 x..30 | Asset
8005 n6 | Price per unit of measure
8006 n14c n4 | Piece of a trade item
8007 x..34 | IBAN
8008 n8h n..4? | Made at
8009 x..50 | Sensor
8010 y..30 | Component or part
8011 n..12 | Serial number of the component
8012 x..20 | Software version
8013 x..25 | Model number
8017-8018 n18c | Service relation
8019 n..10 | Service relation instance
8020 x..25 | Payment slip
8026 n14c n4 | Piece of the content
8030 z..90 | Digital signature
8110 x..70 | Coupon
8111 n4 | Loyalty points
8112 x..70 | Coupon, positive offer
8200 x..70 | Address on the web
90 x..30 | Internal
91-99 x..90 | Internal
`;
