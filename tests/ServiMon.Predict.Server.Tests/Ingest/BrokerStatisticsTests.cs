using ServiMon.Predict.Server.Ingest;

namespace ServiMon.Predict.Server.Tests.Ingest;

public sealed class BrokerStatisticsTests
{
    [Theory]
    [InlineData("""{"name":"c","brokers":{"a:9092/1":{"name":"a","state":"DOWN","toppars":{"t-0":{"state":"UP"}}},"b:9092/2":{"state":"UP"}},"topics":{}}""", true)]
    [InlineData("""{"name":"c","brokers":{"a:9092/1":{"name":"a","state":"TRY_CONNECT","toppars":{"t-0":{"state":"UP"}}}},"topics":{"t":{"state":"UP"}}}""", false)]
    [InlineData("""{"cgrp":{"state":"up"},"brokers":{}}""", false)]
    [InlineData("""{"name":"c"}""", null)]
    [InlineData("""{"brokers":{"a":{"state":"DO""", null)]
    [InlineData("", null)]
    public void A_broker_counts_whose_connection_is_up(string json, bool? expected) => Assert.Equal(expected, BrokerStatistics.IsAnyUp(json));
}
