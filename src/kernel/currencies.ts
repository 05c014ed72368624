// Checked in rather than asked of `Intl`, which disagrees with ISO 4217 on 16 currencies (it rounds to what
// people use, so it gives the Hungarian forint no decimals) and changes with every ICU release.
//
// ISO 4217 list one with the amendments up to 180 (Bulgaria's euro), plus BGN and ANG, which it withdrew so
// recently that refunds still arrive. Codes without a minor unit (gold, SDR, test codes) are not payable: left out.

/** Decimals of each currency that is payable, by ISO 4217 code; everything unlisted is unknown. */
export const currencyExponents: ReadonlyMap<string, number> = new Map([
  ...codes(0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'),
  ...codes(3, 'BHD IQD JOD KWD LYD OMR TND'),
  ...codes(4, 'CLF UYW'),
  ...codes(
    2,
    `AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
     CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL
     HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR
     MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK
     SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD
     XCD XCG YER ZAR ZMW ZWG`,
  ),
]);

/** Signs for stories and reports; only those that name one currency to most readers. */
export const currencySigns: ReadonlyMap<string, string> = new Map([
  ['AUD', 'A$'],
  ['BRL', 'R$'],
  ['CAD', 'CA$'],
  ['CNY', 'CN¥'],
  ['EUR', '€'],
  ['GBP', '£'],
  ['HKD', 'HK$'],
  ['ILS', '₪'],
  ['INR', '₹'],
  ['JPY', '¥'],
  ['KRW', '₩'],
  ['MXN', 'MX$'],
  ['NGN', '₦'],
  ['NZD', 'NZ$'],
  ['PHP', '₱'],
  ['UAH', '₴'],
  ['USD', '$'],
  ['VND', '₫'],
]);

function codes(exponent: number, list: string): [code: string, exponent: number][] {
  return list.split(/\s+/).map((code) => [code, exponent]);
}
