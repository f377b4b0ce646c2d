# Reports the state of this terminal's antivirus (Microsoft Defender) to Yakuba's register of terminals. Run it by the
# task scheduler every few hours; silence for three days is an anomaly.
#
#   .\yakuba-terminal-report.ps1 -Url https://office.city.example/terminal-report -Terminal op-01 -TokenFile C:\yakuba\token.txt
#   .\yakuba-terminal-report.ps1 -Terminal op-01 -File report.json      (for: yakuba register report report.json)
param(
    [string]$Url,
    [Parameter(Mandatory = $true)][ValidatePattern('^[A-Za-z0-9._-]{1,63}$')][string]$Terminal,
    [string]$TokenFile,
    [string]$File
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

# Not the terminal's own: where Windows shows Japanese eras, the year would be written as one of Reiwa.
$plain = [System.Globalization.CultureInfo]::InvariantCulture
$status = Get-MpComputerStatus
$threats = @(Get-MpThreat | Where-Object { $_.IsActive })
$report = [ordered]@{
    terminal      = $Terminal.ToLowerInvariant()
    product       = "Microsoft Defender $($status.AMProductVersion)"
    active        = [bool]($status.AntivirusEnabled -and $status.RealTimeProtectionEnabled)
    signatures_at = $status.AntivirusSignatureLastUpdated.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", $plain)
    detections    = $threats.Count
} | ConvertTo-Json -Compress

if ($File) {
    # .NET would look for a relative name in the folder of the process, not in this one.
    $place = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($File)
    [System.IO.File]::WriteAllText($place, $report)
    exit 0
}
if (-not $Url -or -not $TokenFile) { throw 'Give -Url and -TokenFile, or -File.' }
# Windows PowerShell 5.1 offers TLS 1.0 alone where the system does not say otherwise, and the office refuses that.
[System.Net.ServicePointManager]::SecurityProtocol = [System.Net.ServicePointManager]::SecurityProtocol -bor [System.Net.SecurityProtocolType]::Tls12
$token = (Get-Content -Raw $TokenFile).Trim()
Invoke-RestMethod -Method Post -Uri $Url -TimeoutSec 30 -ContentType 'application/json' `
    -Headers @{ Authorization = "Bearer $token" } -Body ([System.Text.Encoding]::UTF8.GetBytes($report))
