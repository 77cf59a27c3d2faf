using Microsoft.Extensions.Diagnostics.HealthChecks;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Api;

/// <summary>Whether the stores answer.</summary>
internal sealed class StoreHealth(ApiParts parts) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await parts.Models.FindLeaseAsync("", cancellationToken).ConfigureAwait(false);
            return HealthCheckResult.Healthy();
        }
        catch (StoreException e)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
    }
}
